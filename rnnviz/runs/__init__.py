"""Training in the background: a store of runs, a queue, and worker processes that outlive a page, and the server."""
