export interface Choice {
  id: 'starter' | 'join' | 'dashboard' | 'lab';
  title: string;
  help: string;
}

/** What a machine without a project can be for. */
export const MENU: readonly Choice[] = [
  {
    id: 'starter',
    title: 'Starter set-up',
    help: 'web + database here, one docker-compose.yml',
  },
  {
    id: 'join',
    title: 'Scaling & Advanced Env Management',
    help: 'join an app that runs elsewhere as a web node',
  },
  {
    id: 'dashboard',
    title: 'Dashboard',
    help: 'watch an app on another machine over SSH',
  },
  {
    id: 'lab',
    title: 'Lab',
    help: 'try everything with real databases, nothing kept',
  },
];
