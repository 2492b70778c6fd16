package dev.flipside.integration;

import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A folder that kills its process with signal 9 instead of a write. */
final class DyingFolder implements DurableFolder {
    private final DurableFolder folder;
    private long writesLeft;

    /**
     * @param writes that are done before
     */
    DyingFolder(DurableFolder folder, long writes) {
        this.folder = folder;
        this.writesLeft = writes;
    }

    private synchronized void live() throws IOException {
        if (writesLeft > 0) {
            writesLeft--;
            return;
        }
        try {
            int exit =
                    new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid()))
                            .start()
                            .waitFor();
            new CountDownLatch(1).await();
            throw new IOException("kill ended with " + exit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public Optional<byte[]> read(String path, int maxBytes) throws IOException {
        return folder.read(path, maxBytes);
    }

    @Override
    public SeekableByteChannel open(String path) throws IOException {
        return folder.open(path);
    }

    @Override
    public List<String> list(String path) throws IOException {
        return folder.list(path);
    }

    @Override
    public Optional<Long> sizeBytes(String path) throws IOException {
        return folder.sizeBytes(path);
    }

    @Override
    public void replace(String path, Content content) throws IOException {
        live();
        folder.replace(path, content);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        live();
        folder.rename(from, to);
    }

    @Override
    public void remove(String path) throws IOException {
        live();
        folder.remove(path);
    }

    @Override
    public void append(String path, byte[] bytes) throws IOException {
        live();
        folder.append(path, bytes);
    }

    @Override
    public long usableBytes() throws IOException {
        return folder.usableBytes();
    }

    @Override
    public int sweepTemporaryFiles() throws IOException {
        return folder.sweepTemporaryFiles();
    }
}
