package dev.flipside.updater.boot;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Writes a file whose digest is known, and gives it its name only when its bytes have that digest.
 */
final class CheckedContent {
    private CheckedContent() {}

    /** Carries a failure through a writer that knows only of I/O errors. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient FlipsideException failure;

        Refused(FlipsideException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /** Carries an I/O error through a source that knows only of failures. */
    private static final class WriteFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final IOException error;

        WriteFailed(IOException error) {
            super(error);
            this.error = error;
        }
    }

    static void replace(DurableFolder folder, String path, String sha256, UkiContent content)
            throws IOException, FlipsideException {
        try {
            folder.replace(path, out -> write(out, path, sha256, content));
        } catch (Refused e) {
            throw e.failure;
        }
    }

    private static void write(
            WritableByteChannel out, String path, String sha256, UkiContent content)
            throws IOException {
        MessageDigest digest = sha256();
        try {
            content.sendTo(
                    piece -> {
                        digest.update(piece.duplicate());
                        writeAll(out, piece);
                    });
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.equals(sha256)) {
                throw new FlipsideException(
                        FailureCode.DIGEST_MISMATCH,
                        path,
                        "SHA-256 " + sha256,
                        found,
                        "publish the release again, or use another mirror");
            }
        } catch (FlipsideException e) {
            throw new Refused(e);
        } catch (WriteFailed e) {
            throw e.error;
        }
    }

    private static void writeAll(WritableByteChannel out, ByteBuffer piece) {
        try {
            while (piece.hasRemaining()) {
                out.write(piece);
            }
        } catch (IOException e) {
            throw new WriteFailed(e);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
