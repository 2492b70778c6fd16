package dev.flipside.builder.oci;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The files of an OCI layout or a docker archive, wherever they lie: in a folder, or in a tar that
 * can only be read from front to back.
 */
public interface ImageFiles {
    /** The path that the user gave, for messages. */
    String name();

    /** The size of a regular file; none when there is no such file. */
    OptionalLong sizeBytes(String path) throws IOException;

    boolean isFolder(String path) throws IOException;

    /** Hands each of these files, all of which are there, to the sink once, in any order. */
    void read(Set<String> paths, FileSink sink) throws IOException, FlipsideException;

    /** Takes the bytes of files. */
    @FunctionalInterface
    interface FileSink {
        void accept(String path, InputStream bytes) throws IOException, FlipsideException;
    }
}
