/** Where the orchestrator is, without `/v1`, and the key to it, empty where none is known. */
export interface Address {
    readonly url: string;
    readonly apiKey: string;
}
/**
 * What was given, else what the environment says, else what the instance in the data directory wrote down.
 *
 * The key of the data directory goes to that instance alone. Throws OrchestratorError for what is no URL.
 */
export declare function findAddress(url: string | undefined, apiKey: string | undefined): Promise<Address>;
