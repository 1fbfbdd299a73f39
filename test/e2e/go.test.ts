// A program that the Go compiler made for wasip1 answers as a CGI program, with goroutines, panics and exit codes. Skipped
// where there is no Go of 1.22 or newer.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { load } from '../../src/library/load.ts';
import type { App } from '../../src/runtime.ts';
import { testLog } from '../../src/triggers/http/app.test-kit.ts';

const source = `package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

var count int

func recurse(n int) int { return recurse(n+1) + 1 }

func main() {
	count++
	head := "content-type: text/plain\\n\\n"
	switch os.Getenv("PATH_INFO") {
	case "/echo":
		fmt.Print(head)
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			panic(err)
		}
	case "/goroutines":
		sum := make(chan int)
		for i := range 100 {
			go func() { time.Sleep(time.Millisecond); sum <- i }()
		}
		total := 0
		for range 100 {
			total += <-sum
		}
		fmt.Print(head, total)
	case "/file":
		text, err := os.ReadFile("/data/a.txt")
		fmt.Print(head, string(text), err)
	case "/panic":
		panic("on purpose")
	case "/exit":
		os.Exit(3)
	case "/deep":
		fmt.Print(head, recurse(0))
	case "/loop":
		for {
			count++
		}
	default:
		fmt.Fprintln(os.Stderr, "asked for", os.Getenv("PATH_INFO"))
		fmt.Print("Status: 201\\n", head, os.Getenv("REQUEST_METHOD"), " ", strings.Join(os.Args, "|"), " ", count)
	}
}
`;

const manifest = `spin_manifest_version = 2
application.name = "go"
[[trigger.http]]
route = "/..."
component = "go"
executor = { type = "wagi" }
[component.go]
source = "go.wasm"
files = [{ source = "data", destination = "/data" }]
tool.mayfly.limits = { cpu_slice = "200ms" }
`;

/** From the files of the toolchain alone: nothing is fetched. */
const environment = {
  ...process.env,
  GOOS: 'wasip1',
  GOARCH: 'wasm',
  GOPROXY: 'off',
  GOTOOLCHAIN: 'local',
  GOFLAGS: '',
};

const version = spawnSync('go', ['version'], { encoding: 'utf8' });
const [, major = '0', minor = '0'] = /go(\d+)\.(\d+)/.exec(version.stdout ?? '') ?? [];
const skip = Number(major) * 1000 + Number(minor) < 1022 && 'there is no Go of 1.22 or newer on this machine';

describe('a program made by the Go compiler', () => {
  const log = testLog();
  let folder: string;
  let app: App;

  before(async () => {
    if (skip) return;
    folder = await mkdtemp(join(tmpdir(), 'mayfly-go-'));
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data/a.txt'), 'from a file ');
    await writeFile(join(folder, 'main.go'), source);
    await writeFile(join(folder, 'go.mod'), 'module hello\n\ngo 1.22\n');
    await writeFile(join(folder, 'spin.toml'), manifest);
    await promisify(execFile)('go', ['build', '-o', 'go.wasm', '.'], { cwd: folder, env: environment });
    app = await load(folder, { log });
  });
  after(async () => {
    await app?.close();
    if (!skip) await rm(folder, { recursive: true });
  });

  const ask = async (path: string, init: RequestInit = {}): Promise<readonly [number, string]> => {
    log.lines.length = 0;
    const response = await app.fetch(new Request(`http://localhost${path}`, init));
    return [response.status, await response.text()];
  };

  it('gets its request, and starts anew for each', { skip }, async () => {
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await ask('/x?a&b', { method: 'PUT' }), [201, 'PUT /x|a|b 1']);
      assert.deepEqual(log.lines, ['asked for /x']);
    }
  });

  it('echoes bodies, runs goroutines, reads files', { skip }, async () => {
    const body = 'Grüße '.repeat(50_000);
    assert.deepEqual(await ask('/echo', { method: 'POST', body }), [200, body]);
    assert.deepEqual(await ask('/goroutines'), [200, '4950']);
    assert.deepEqual(await ask('/file'), [200, 'from a file <nil>']);
  });

  it('ends badly without harm: panic, exit code, stack, endless loop', { skip }, async () => {
    for (const [path, status, reason] of [
      ['/panic', 500, /panic: on purpose[\s\S]*exited with code 2/],
      ['/exit', 500, /exited with code 3/],
      ['/deep', 500, /GET \/deep failed/],
      ['/loop', 504, /GET \/loop failed/],
    ] as const) {
      assert.deepEqual(await ask(path), [status, ''], path);
      assert.match(log.lines.join('\n'), reason);
    }
    assert.deepEqual(await ask('/goroutines'), [200, '4950']);
  });
});
