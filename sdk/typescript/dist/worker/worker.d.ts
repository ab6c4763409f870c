/** Do what this process was started for, and let it end. */
export declare function work(path: string, mode: string, net: typeof import("node:net")): Promise<void>;
