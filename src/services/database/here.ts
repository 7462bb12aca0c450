import { BlockList, isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

// Containers live behind these; their addresses are this machine's, though no interface has them.
const BRIDGE = /^(docker|br-|podman|cni|virbr)/;

/** True when `address` is one of this machine's own, or of a container on it. */
export function isLocalAddress(
  address: string,
  interfaces: Record<string, NetworkInterfaceInfo[] | undefined>,
): boolean {
  const ours = new BlockList();
  ours.addSubnet('127.0.0.0', 8, 'ipv4');
  ours.addAddress('::1', 'ipv6');
  for (const [name, addresses = []] of Object.entries(interfaces)) {
    for (const { address: own, family, cidr } of addresses) {
      const type = family === 'IPv6' ? 'ipv6' : 'ipv4';
      if (cidr && BRIDGE.test(name)) ours.addSubnet(own, Number(cidr.split('/')[1]), type);
      else ours.addAddress(own, type);
    }
  }
  const bare = address.replace(/%.*$/, '');
  return ours.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4');
}
