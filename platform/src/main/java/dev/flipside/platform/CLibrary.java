package dev.flipside.platform;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Functions of the C library. Each takes, before its own arguments, a segment of {@link #CAPTURED},
 * in which it leaves {@code errno}.
 */
final class CLibrary {
    static final MemoryLayout CAPTURED = Linker.Option.captureStateLayout();

    private static final VarHandle ERRNO =
            CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private CLibrary() {}

    @SuppressWarnings("restricted")
    static MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, parameters),
                Linker.Option.captureCallState("errno"));
    }

    static int errno(MemorySegment captured) {
        return (int) ERRNO.get(captured, 0L);
    }
}
