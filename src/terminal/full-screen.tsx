import { homedir } from 'node:os';
import { inspect } from 'node:util';
import { Box, type Instance, render } from 'ink';
import { type ReactElement, useSyncExternalStore } from 'react';
import { PasteProvider, type PasteSource } from '../components/paste.tsx';
import { type TerminalSize, TerminalSizeProvider } from '../components/terminal-size.tsx';
import { terminalCapabilities } from './capabilities.ts';
import { toClipboard } from './clipboard.ts';
import { CrashLog, crashLogPath } from './crash-log.ts';
import { FrameOutput } from './frame-output.ts';
import { KeyInput } from './key-input.ts';
import { type TerminalOut, TerminalSession } from './session.ts';

export interface FullScreenOptions {
  stdin?: NodeJS.ReadStream;
  stdout?: TerminalOut;
  stderr?: NodeJS.WriteStream;
  env?: NodeJS.ProcessEnv;
  /** Ctrl-C. Without it, Ctrl-C ends the screen. */
  onInterrupt?: () => void;
  /** Also hears what is pasted; components use `usePaste`. */
  onPaste?: (text: string) => void;
  /** Ends the screen. */
  signal?: AbortSignal;
  /** The alternate screen is shown already, and what is on it stays until it is painted over. */
  entered?: boolean;
  /** For everything printed meanwhile; by default in the user's state directory. */
  logFile?: string;
}

export type ScreenExit = { kind: 'quit' } | { kind: 'signal'; signal: NodeJS.Signals };

export interface FullScreen {
  /**
   * Why the screen ended, once the terminal is as it was. Rejects with the error that ended it,
   * also where that came from elsewhere in the process and was caught by nobody.
   */
  waitUntilExit(): Promise<ScreenExit>;
  /** Draws everything anew. Ctrl-L does it too. */
  repaint(): void;
  /** Into the clipboard of whoever sits at the terminal, where it lets programs do that. */
  copy(text: string): void;
  unmount(): void;
  size(): TerminalSize;
  /** Gives back what stops listening. */
  onResize(listener: () => void): () => void;
  readonly log: CrashLog;
}

type Ending = ScreenExit | { kind: 'error'; error: unknown };

/**
 * Shows `element` on the whole terminal, which must be one (see `terminalCapabilities`), until it
 * exits (`useApp`), is unmounted, or the process is told to end. `useTerminalSize` and `usePaste`
 * work inside. Ctrl-L and Ctrl-Z are dealt with and do not reach it.
 *
 * The process lives on afterwards, whatever the reason was: whoever called cleans up and exits.
 */
export function mountFullScreen(
  element: ReactElement,
  options: FullScreenOptions = {},
): FullScreen {
  return new MountedScreen(element, options);
}

class MountedScreen implements FullScreen {
  readonly log: CrashLog;
  private readonly stdout: TerminalOut;
  private readonly env: NodeJS.ProcessEnv;
  private readonly session: TerminalSession;
  private readonly output: FrameOutput;
  private readonly input: KeyInput;
  private readonly ink: Instance;
  private readonly release: () => void;
  private readonly pasted = new Set<(text: string) => void>();
  private readonly resized = new Set<() => void>();
  private readonly exited: Promise<ScreenExit>;
  private settle: (ending: Ending) => void = () => undefined;
  private current: TerminalSize;
  private ending = false;

  constructor(element: ReactElement, options: FullScreenOptions) {
    const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr } = options;
    const { env = process.env } = options;
    this.stdout = stdout;
    this.env = env;
    this.current = sizeOf(stdout);
    this.exited = new Promise((resolve, reject) => {
      this.settle = (how) => (how.kind === 'error' ? reject(how.error) : resolve(how));
    });
    this.session = new TerminalSession(
      { stdin, stdout },
      {
        onBytes: (bytes) => this.input.feed(bytes),
        onSignal: (signal) => this.end({ kind: 'signal', signal }),
        onError: (error) => this.end({ kind: 'error', error }),
      },
    );
    const capabilities = terminalCapabilities(env, stdout);
    this.output = new FrameOutput(capabilities, this.current, this.session.takeBytes);
    this.input = new KeyInput({
      onKey: this.commands(options.onInterrupt),
      onPaste: (text) => {
        options.onPaste?.(text);
        for (const listener of this.pasted) listener(text);
      },
    });
    this.log = new CrashLog(options.logFile ?? crashLogPath(env, homedir()));
    this.release = this.log.capture(stderr.isTTY ? [stdout, stderr] : [stdout]);
    this.session.start(this.output, options.entered ?? false);
    stdout.on('resize', this.onResized);
    this.ink = this.render(element, Boolean(env.CI || env.CONTINUOUS_INTEGRATION));
    options.signal?.addEventListener('abort', () => this.unmount());
    if (options.signal?.aborted) this.unmount();
  }

  waitUntilExit(): Promise<ScreenExit> {
    return this.exited;
  }

  repaint(): void {
    this.output.repaint();
  }

  copy(text: string): void {
    this.session.takeBytes(toClipboard(text, this.env), () => undefined);
  }

  unmount(): void {
    this.end({ kind: 'quit' });
  }

  readonly size = (): TerminalSize => this.current;

  readonly onResize = (listener: () => void): (() => void) => {
    this.resized.add(listener);
    return () => this.resized.delete(listener);
  };

  private readonly onPaste: PasteSource = (listener) => {
    this.pasted.add(listener);
    return () => this.pasted.delete(listener);
  };

  private render(element: ReactElement, inCi: boolean): Instance {
    const ink = render(<Root screen={this} onPaste={this.onPaste} element={element} />, {
      stdin: this.input as unknown as NodeJS.ReadStream,
      stdout: this.output as unknown as NodeJS.WriteStream,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 60,
      // With CI set, Ink shows nothing before the end, unless it debugs, which does no harm here.
      debug: inCi,
    });
    const quit = () => this.unmount();
    ink.waitUntilExit().then(quit, (error) => this.end({ kind: 'error', error }));
    return ink;
  }

  private commands(onInterrupt?: () => void): (key: string) => boolean {
    const commands = new Map([
      ['\x03', onInterrupt ?? (() => this.end({ kind: 'signal', signal: 'SIGINT' }))],
      ['\x0c', () => this.repaint()],
      ['\x1a', () => this.session.stop(true)],
    ]);
    return (key) => {
      commands.get(key)?.();
      return commands.has(key);
    };
  }

  private readonly onResized = (): void => {
    this.current = sizeOf(this.stdout);
    for (const listener of this.resized) listener();
    this.output.resize(this.current);
  };

  private async end(ending: Ending): Promise<void> {
    if (ending.kind === 'error') this.log.write(inspect(ending.error));
    if (this.ending) return;
    this.ending = true;
    this.output.pause();
    this.stdout.off('resize', this.onResized);
    try {
      this.ink.unmount();
    } catch (error) {
      this.log.write(inspect(error));
    }
    this.input.destroy();
    await this.session.end();
    this.release();
    this.settle(ending);
  }
}

interface RootProps {
  screen: Pick<FullScreen, 'size' | 'onResize'>;
  onPaste: PasteSource;
  element: ReactElement;
}

function Root({ screen, onPaste, element }: RootProps) {
  const size = useSyncExternalStore(screen.onResize, screen.size);
  return (
    <TerminalSizeProvider value={size}>
      <PasteProvider value={onPaste}>
        <Box width={size.columns} height={size.rows} flexDirection="column">
          {element}
        </Box>
      </PasteProvider>
    </TerminalSizeProvider>
  );
}

/** Some terminals (serial lines, a few containers) do not know their size. */
function sizeOf(stdout: TerminalOut): TerminalSize {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}
