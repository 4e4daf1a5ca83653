"""The sections of /states: the path of the state, the flow that carries it, and a trained memory."""
