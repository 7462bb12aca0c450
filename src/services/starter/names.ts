/** What Docker calls the stack, and begins the names of its services, volumes and networks with. */
export function stackName(project: string): string {
  const plain = project
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  return plain.slice(0, 40) || 'app';
}
