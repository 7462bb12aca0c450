import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../rig/needs.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { findProgram, needProgram } from '../rig/programs.ts';
import { buildStarter, type StarterReplica, startStarter } from '../rig/starter.ts';

describeWith(needProgram('chromium'), 'the pages of the starter, in a browser', () => {
  let postgres: TestPostgres;
  let app: StarterReplica;
  let browser: Browser;
  beforeAll(async () => {
    const standalone = await buildStarter();
    postgres = await startPostgres();
    app = await startStarter(standalone, { DATABASE_URL: postgres.url() });
    browser = await chromium.launch({
      executablePath: findProgram('chromium') ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    });
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await postgres?.close();
  });

  async function open(settings: { javaScriptEnabled?: boolean } = {}) {
    const context = await browser.newContext(settings);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (line) => {
      if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(app.url);
    return { page, complaints };
  }

  async function enter(page: Page, email: string, button: string) {
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: button }).click();
  }

  async function keepANote(page: Page) {
    await page.getByLabel('New note').fill('Water the plants <b>daily</b>');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByText('Water the plants <b>daily</b>').first().waitFor();
    await page.locator('.notes').getByText('Water the plants').waitFor();
  }

  it('let somebody sign up, write, delete, log out and in again, without a complaint', async () => {
    const { page, complaints } = await open();
    await enter(page, 'maria@example.org', 'Create an account');
    await page.getByText('No notes yet').waitFor();
    await keepANote(page);
    await page.getByRole('button', { name: 'Log out' }).click();
    await enter(page, 'maria@example.org', 'Log in');
    await page.locator('.notes').getByText('Water the plants').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No notes yet').waitFor();
    expect(complaints).toEqual([]);
  });

  it('work without JavaScript', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await enter(page, 'no-script@example.org', 'Create an account');
    await keepANote(page);
    expect(await page.locator('.notes li').count()).toBe(1);
  });

  it('say what is wrong, where a screen reader hears it', async () => {
    const { page } = await open();
    await enter(page, 'nobody@example.org', 'Log in');
    const alert = page.getByRole('alert').filter({ hasText: 'wrong' });
    await alert.waitFor();
    expect(await alert.textContent()).toBe('The address or the password is wrong.');
  });
});
