package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A Unix socket that takes datagrams, as systemd's and journald's do. */
public final class DatagramInbox implements AutoCloseable {
    private static final String FILLER = "filler";

    private static final int MOST = 100_000;
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int PATH_BYTES = 108;
    private static final int MAX_BYTES = 256 << 10;

    private final int descriptor;

    private DatagramInbox(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Listens at a path, or at an abstract name after {@code @}. */
    public static DatagramInbox at(String address) throws IOException {
        int descriptor = (int) call("socket", AF_UNIX, SOCK_DGRAM, 0);
        byte[] name = address.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(2 + PATH_BYTES);
            to.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, to, ValueLayout.JAVA_BYTE, 2, name.length);
            boolean isAbstract = name[0] == '@';
            if (isAbstract) {
                to.set(ValueLayout.JAVA_BYTE, 2, (byte) 0);
            }
            int length = 2 + name.length + (isAbstract ? 0 : 1);
            if (call("bind", descriptor, to, length) != 0) {
                throw new IOException("bind to " + address);
            }
        }
        return new DatagramInbox(descriptor);
    }

    /** The next datagram; empty when none has come within the time. */
    public Optional<String> next(int timeoutMillis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 0, timeoutMillis / 1000);
            time.set(ValueLayout.JAVA_LONG, 8, timeoutMillis % 1000 * 1000L);
            call("setsockopt", descriptor, SOL_SOCKET, SO_RCVTIMEO, time, 16);
            MemorySegment data = arena.allocate(MAX_BYTES);
            long length = call("recv", descriptor, data, (long) MAX_BYTES, 0);
            return length < 0
                    ? Optional.empty()
                    : Optional.of(
                            new String(
                                    data.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                                    StandardCharsets.UTF_8));
        }
    }

    /** Has a sender to it send until no more is taken; how many that were. */
    public int fill(UnixDatagram sender) {
        byte[] filler = FILLER.getBytes(StandardCharsets.UTF_8);
        for (int taken = 0; taken < MOST; taken++) {
            try {
                sender.send(filler);
            } catch (IOException _) {
                return taken;
            }
        }
        throw new AssertionError("%d datagrams wait, and more are taken".formatted(MOST));
    }

    /**
     * What it is sent last by who has to wait for room, which is made only once they have been seen
     * to wait.
     */
    public String nextOfOneWhoWaits(int filled, Callable<Void> sending) throws Exception {
        FutureTask<Void> task = new FutureTask<>(sending);
        Thread.ofVirtual().start(task);
        assertThrows(TimeoutException.class, () -> task.get(100, TimeUnit.MILLISECONDS));
        for (int i = 0; i < filled; i++) {
            assertEquals(Optional.of(FILLER), next(1000));
        }
        String word = next(10_000).orElseThrow();
        task.get(10, TimeUnit.SECONDS);
        return word;
    }

    @Override
    public void close() {
        call("close", descriptor);
    }

    @SuppressWarnings("restricted")
    private static long call(String name, Object... arguments) {
        java.lang.foreign.MemoryLayout[] layouts =
                new java.lang.foreign.MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] =
                    switch (arguments[i]) {
                        case Integer _ -> ValueLayout.JAVA_INT;
                        case Long _ -> ValueLayout.JAVA_LONG;
                        default -> ValueLayout.ADDRESS;
                    };
        }
        boolean isLong = name.equals("recv");
        Linker linker = Linker.nativeLinker();
        MethodHandle handle =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow(name),
                        FunctionDescriptor.of(
                                isLong ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT, layouts));
        try {
            return ((Number) handle.invokeWithArguments(arguments)).longValue();
        } catch (Throwable e) {
            throw new AssertionError(name, e);
        }
    }
}
