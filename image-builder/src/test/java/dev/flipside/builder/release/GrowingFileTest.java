package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GrowingFileTest {
    private static final int SIZE_BYTES = 10_000;

    @TempDir private Path folder;
    private final ExecutorService reader = Executors.newSingleThreadExecutor();
    private final byte[] content = new byte[SIZE_BYTES];
    private FileChannel file;
    private GrowingFile growing;

    @BeforeEach
    void open() throws IOException {
        new Random(7).nextBytes(content);
        file =
                FileChannel.open(
                        folder.resolve("file"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        growing = new GrowingFile(file, SIZE_BYTES);
    }

    @AfterEach
    void close() throws IOException {
        growing.close();
        reader.close();
        file.close();
    }

    private void write(int from, int to) throws IOException {
        growing.position(from);
        growing.write(ByteBuffer.wrap(content, from, to - from));
    }

    private Future<byte[]> read(int from, int to) {
        return reader.submit(
                () -> {
                    ByteBuffer bytes = ByteBuffer.allocate(to - from);
                    growing.read(bytes, from);
                    return bytes.array();
                });
    }

    private static void assertWaits(Future<byte[]> reading) {
        assertThrows(TimeoutException.class, () -> reading.get(50, TimeUnit.MILLISECONDS));
        assertFalse(reading.isDone());
    }

    @Test
    void readsWhatWasWrittenBeforeAllIs() throws Exception {
        write(0, 6000);
        byte[] first = read(1000, 6000).get(10, TimeUnit.SECONDS);
        assertArrayEquals(Arrays.copyOfRange(content, 1000, 6000), first);
    }

    @Test
    void waitsForTheWriter() throws Exception {
        write(0, 6000);
        Future<byte[]> reading = read(0, 6001);
        assertWaits(reading);
        write(6000, 7000);
        assertArrayEquals(Arrays.copyOf(content, 6001), reading.get(10, TimeUnit.SECONDS));
    }

    @Test
    void readsNothingBehindAGapUntilAllIsWritten() throws Exception {
        write(5000, SIZE_BYTES);
        Future<byte[]> reading = read(0, SIZE_BYTES);
        assertWaits(reading);
        write(0, 5000);
        // The first half closes the gap, but whether the second is final only the writer knows.
        assertWaits(reading);
        growing.finish();
        assertArrayEquals(content, reading.get(10, TimeUnit.SECONDS));
    }

    @Test
    void endsTheWaitWhenTheWriterGivesUp() throws Exception {
        write(0, 10);
        Future<byte[]> reading = read(0, SIZE_BYTES);
        assertWaits(reading);
        growing.close();
        ExecutionException end =
                assertThrows(ExecutionException.class, () -> reading.get(10, TimeUnit.SECONDS));
        assertInstanceOf(EOFException.class, end.getCause());
    }

    @Test
    void isNotFinishedBeforeItHasItsSize() throws Exception {
        write(0, SIZE_BYTES - 1);
        assertThrows(IllegalStateException.class, growing::finish);
        assertEquals(SIZE_BYTES, growing.sizeBytes());
    }
}
