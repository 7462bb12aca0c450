import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends the run with one plain line of counts, and names what was skipped and why. With PORTSYNC_RUN_NOTE
 * the files that failed are written there, a line each, after the number of tests that passed in the
 * others; PORTSYNC_PASSED_BEFORE is that number, in a second run of only these files.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.filter((module) => !module.ok());
    const broken = failed.filter((module) => module.errors().length > 0).length;
    const skipped = testsOf(modules, 'skipped');
    for (const suite of new Set(skipped.map((test) => topSuite(test.fullName)))) {
      console.log(`skipped: ${suite}`);
    }
    const passed = Number(process.env.PORTSYNC_PASSED_BEFORE ?? 0) + count(modules, 'passed');
    const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    console.log(`${passed} passed, ${count(modules, 'failed') + broken} failed${tail}`);
    const note = process.env.PORTSYNC_RUN_NOTE;
    if (!note) return;
    const files = failed.map(({ relativeModuleId }) => relativeModuleId);
    writeFileSync(note, [passed - count(failed, 'passed'), ...files].join('\n'));
  }
}

function testsOf(modules: readonly TestModule[], state: string) {
  return modules
    .flatMap((module) => [...module.children.allTests()])
    .filter((test) => test.result().state === state);
}

function count(modules: readonly TestModule[], state: string): number {
  return testsOf(modules, state).length;
}

function topSuite(fullName: string): string {
  return fullName.split(' > ')[0] ?? fullName;
}
