"""The worker protocol of the official SDKs, over HTTP on a unix socket."""
