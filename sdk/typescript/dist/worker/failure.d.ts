/** An error as `POST /callback` has it. */
export interface Failure {
    readonly details: string;
    readonly type: string;
    readonly stack_trace: string;
    readonly retryable: boolean;
    /** The chained run whose failure the task did not handle. */
    readonly child_task_run_id?: string;
}
/** What is told of anything that was thrown. */
export declare function describe(thrown: unknown): Promise<Failure>;
