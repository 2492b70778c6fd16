package dev.flipside.platform;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends datagrams to a Unix socket, as systemd takes its notifications and journald its entries.
 * The JDK has Unix sockets for streams only.
 *
 * <p>Needs {@code --enable-native-access}. Any thread may send.
 */
public final class UnixDatagram implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int EAGAIN = 11;
    private static final int FAMILY_BYTES = 2;
    private static final Duration PAUSE = Duration.ofMillis(10);

    /** {@code sun_path} of {@code sockaddr_un}, unix(7). */
    private static final int MAX_PATH_BYTES = 108;

    private static final MethodHandle SOCKET =
            CLibrary.function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SENDTO =
            CLibrary.function(
                    "sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = CLibrary.function("close", JAVA_INT, JAVA_INT);

    private final String address;
    private final int descriptor;

    private UnixDatagram(String address, int descriptor) {
        this.address = address;
        this.descriptor = descriptor;
    }

    /**
     * Makes a socket that sends to one address; nobody has to listen there yet.
     *
     * @param address a path, or a name in the abstract namespace after {@code @}, as {@code
     *     NOTIFY_SOCKET} has it (sd_notify(3))
     */
    public static UnixDatagram to(String address) throws IOException {
        int length = address.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length >= MAX_PATH_BYTES) {
            throw new SocketException(
                    "expected a socket's address of 1 to %d bytes, found '%s'"
                            .formatted(MAX_PATH_BYTES - 1, address));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CLibrary.CAPTURED);
            int descriptor =
                    (int) SOCKET.invokeExact(captured, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            if (descriptor < 0) {
                throw failed("socket", address, CLibrary.errno(captured));
            }
            return new UnixDatagram(address, descriptor);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("socket", e);
        }
    }

    /**
     * Sends one datagram, whole, and never waits.
     *
     * @throws IOException when nobody listens, or who listens is behind
     */
    public void send(byte[] datagram) throws IOException {
        send(datagram, Duration.ZERO);
    }

    /**
     * Sends one datagram, whole, and waits for a receiver that is behind: the kernel keeps {@code
     * net.unix.max_dgram_qlen} of them for it, 10 unless set, and takes no more.
     *
     * @param patience how long to wait at most
     * @throws IOException when nobody listens, or who listens stays behind
     */
    public void send(byte[] datagram, Duration patience) throws IOException {
        long start = System.nanoTime();
        int errno = trySend(datagram);
        // Asked again and again: SO_SNDTIMEO is one more native function to link at every start.
        while (errno == EAGAIN && System.nanoTime() - start < patience.toNanos()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("sendto '%s' was interrupted".formatted(address));
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            errno = trySend(datagram);
        }
        if (errno != 0) {
            throw failed("sendto", address, errno);
        }
    }

    /** Never waits; 0, or why it was not sent. */
    private int trySend(byte[] datagram) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CLibrary.CAPTURED);
            MemorySegment data = arena.allocate(Math.max(1, datagram.length));
            MemorySegment.copy(datagram, 0, data, ValueLayout.JAVA_BYTE, 0, datagram.length);
            byte[] name = address.getBytes(StandardCharsets.UTF_8);
            boolean isAbstract = name[0] == '@';
            MemorySegment to = arena.allocate(FAMILY_BYTES + MAX_PATH_BYTES);
            to.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, to, ValueLayout.JAVA_BYTE, FAMILY_BYTES, name.length);
            if (isAbstract) {
                to.set(ValueLayout.JAVA_BYTE, FAMILY_BYTES, (byte) 0);
            }
            // A path ends with its NUL; an abstract name is all the bytes that there are.
            int length = FAMILY_BYTES + name.length + (isAbstract ? 0 : 1);
            long sent =
                    (long)
                            SENDTO.invokeExact(
                                    captured,
                                    descriptor,
                                    data,
                                    (long) datagram.length,
                                    MSG_DONTWAIT | MSG_NOSIGNAL,
                                    to,
                                    length);
            return sent < 0 ? CLibrary.errno(captured) : 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("sendto", e);
        }
    }

    @Override
    public void close() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CLibrary.CAPTURED);
            if ((int) CLOSE.invokeExact(captured, descriptor) < 0) {
                throw failed("close", address, CLibrary.errno(captured));
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("close", e);
        }
    }

    private static SocketException failed(String call, String address, int errno) {
        return new SocketException("%s to '%s' failed, errno %d".formatted(call, address, errno));
    }
}
