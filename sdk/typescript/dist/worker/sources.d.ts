/** The sources that files were compiled from, by the maps they name. */
export declare class Sources {
    #private;
    private constructor();
    /** Made once something has failed: these modules cost 10 ms of CPU, which no start should pay. */
    static load(): Promise<Sources>;
    /** A line of a stack with the place in the source. */
    mapped(line: string): string;
}
