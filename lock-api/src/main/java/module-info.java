/** Distributed locks: the interface for applications, the one for backends, and the engine between them. */
module io.holdfast {
    requires static transitive org.jspecify;

    exports io.holdfast;
    exports io.holdfast.memory;
    exports io.holdfast.spi;
    exports io.holdfast.spi.line;

    uses io.holdfast.spi.LockBackendProvider;
}
