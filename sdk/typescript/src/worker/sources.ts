/** What of Node it takes to find sources. */
interface Modules {
  readonly fs: typeof import("node:fs");
  readonly SourceMap: typeof import("node:module").SourceMap;
  readonly path: typeof import("node:path");
  readonly url: typeof import("node:url");
}

const FRAME = /^(\s+at .*?\(?)((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)(\)?)$/;

/** The sources that files were compiled from, by the maps they name. */
export class Sources {
  readonly #node: Modules;

  private constructor(node: Modules) {
    this.#node = node;
  }

  /** Made once something has failed: these modules cost 10 ms of CPU, which no start should pay. */
  static async load(): Promise<Sources> {
    const [fs, { SourceMap }, path, url] = await Promise.all([import("node:fs"), import("node:module"), import("node:path"), import("node:url")]);
    return new Sources({ fs, SourceMap, path, url });
  }

  /** A line of a stack with the place in the source. */
  mapped(line: string): string {
    const [, head, place, row, column, tail] = FRAME.exec(line) ?? [];
    if (place === undefined) return line;
    const file = this.#path(place);
    const found = this.#mapOf(file)?.findEntry(Number(row) - 1, Number(column) - 1);
    if (!found || !("originalSource" in found)) return `${head}${file}:${row}:${column}${tail}`;
    const source = this.#node.path.resolve(this.#node.path.dirname(file), this.#path(found.originalSource));
    return `${head}${source}:${found.originalLine + 1}:${found.originalColumn + 1}${tail}`;
  }

  #path(place: string): string {
    return place.startsWith("file:") ? this.#node.url.fileURLToPath(place) : place;
  }

  /** The map that a compiled file names at its end. */
  #mapOf(file: string): InstanceType<Modules["SourceMap"]> | undefined {
    const { fs, SourceMap, path } = this.#node;
    try {
      const named = /\/\/[#@] sourceMappingURL=(\S+)\s*$/.exec(fs.readFileSync(file, "utf8"))?.[1];
      if (!named) return undefined;
      const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(named)?.[1];
      const json = inline ? Buffer.from(inline, "base64").toString() : fs.readFileSync(path.resolve(path.dirname(file), named), "utf8");
      return new SourceMap(JSON.parse(json));
    } catch {
      return undefined;
    }
  }
}
