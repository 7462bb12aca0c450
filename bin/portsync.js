#!/usr/bin/env node
const { drawSkeleton } = require('./skeleton.js');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `PortSync needs Node.js 20.19 or newer; this is ${process.versions.node}.\n` +
      'Install a current one from https://nodejs.org and run the command again.\n',
  );
  process.exit(2);
}
drawSkeleton(process.argv.slice(2));
require('../dist/cli.cjs');
