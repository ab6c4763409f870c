/** Announce the tasks or run the one this process was started for; a second call joins the first. */
export declare function startTaskServer(): Promise<void>;
/** Start once the modules that are being loaded now are loaded, if this process is a worker. */
export declare function scheduleStart(): void;
