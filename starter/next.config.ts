import type { NextConfig } from 'next';

const config: NextConfig = {
  output: 'standalone',
  // A folder above may hold a lock file of its own, and would be taken for the root of this app.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  // The load balancer does not compress what Next.js has compressed.
  compress: true,
  poweredByHeader: false,
  // Tells browsers with a page of an older build to load the page anew.
  deploymentId: process.env.DEPLOYMENT_ID || undefined,
  // No images are resized here, so that the 20 MB for it need not be in the container.
  images: { unoptimized: true },
  outputFileTracingExcludes: { '*': ['node_modules/@img/**', 'node_modules/sharp/**'] },
  experimental: { serverActions: { bodySizeLimit: '64kb' } },
};

export default config;
