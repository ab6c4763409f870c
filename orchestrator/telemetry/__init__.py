"""What the orchestrator tells monitoring systems about itself: metrics, the event loop's stalls, and traces."""
