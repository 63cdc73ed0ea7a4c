"""The HTTP and Socket.IO face of the read model. It reads the chain, and never writes to it."""
