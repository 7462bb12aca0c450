import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { emptyRows, troubleRows } from '../components/trouble.ts';
import { only } from '../state/joins.ts';
import type { Area } from '../state/layout.ts';
import { migrationOf, stepOf } from '../state/migration.ts';
import type { State } from '../state/state.ts';
import { databaseRows } from './database-rows.ts';
import { MigrateInStep } from './MigrateInStep.tsx';
import { MigrateOutcome } from './MigrateOutcome.tsx';
import { MigratePause } from './MigratePause.tsx';
import { MigratePreflight } from './MigratePreflight.tsx';
import { MigrateTarget } from './MigrateTarget.tsx';
import { MigrateUnderWay } from './MigrateUnderWay.tsx';

interface Props {
  state: State;
  area: Area;
}

/** Moving the database, at the step it is at: also what another session began. */
export function Migrate({ state, area }: Props) {
  const step = stepOf(state);
  const migration = migrationOf(state);
  if (step === 'target') return <MigrateTarget state={state} area={area} />;
  if (step === 'preflight') return <MigratePreflight state={state} area={area} />;
  if (step === 'unknown' || !migration) return <Unknown state={state} area={area} />;
  const props = { state, migration, area };
  switch (step) {
    case 'under-way':
      return <MigrateUnderWay {...props} />;
    case 'in-step':
      return <MigrateInStep {...props} />;
    case 'pause':
      return <MigratePause {...props} />;
    default:
      return <MigrateOutcome migration={migration} area={area} />;
  }
}

/** Not read yet, or not possible here. */
function Unknown({ state, area }: Props) {
  const width = area.width - 2;
  const reading = only(state, 'migration');
  const sources = [{ name: 'migration', reading }];
  const rows: Span[][] = [
    [],
    [' ', ['What runs now', 'strong']],
    ...databaseRows(state, width),
    [],
    ...troubleRows(sources, { width, rows: 4, now: state.now }),
    ...emptyRows([reading], width),
  ];
  return (
    <Pane title="Move the database" {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}
