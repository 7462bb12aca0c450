import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line of counts, and names what was skipped and why. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => !module.ok() && module.errors().length > 0).length;
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    for (const suite of new Set(skipped.map((test) => topSuite(test.fullName)))) {
      console.log(`skipped: ${suite}`);
    }
    const tail = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    console.log(`${count('passed')} passed, ${count('failed') + broken} failed${tail}`);
  }
}

function topSuite(fullName: string): string {
  return fullName.split(' > ')[0] ?? fullName;
}
