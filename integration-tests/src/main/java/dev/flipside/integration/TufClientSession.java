package dev.flipside.integration;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.OutputFile;
import dev.flipside.repository.PathEncoding;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Target;
import dev.flipside.updater.source.Source;
import dev.flipside.updater.trust.Trusted;
import dev.flipside.updater.trust.TrustedRepository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** One refresh, and the targets that are then fetched under what it found. */
final class TufClientSession {
    private static final int PIECE_BYTES = 64 << 10;

    private final TufClientFolder folder;
    private final Trusted trusted;

    private TufClientSession(TufClientFolder folder, Trusted trusted) {
        this.folder = folder;
        this.trusted = trusted;
    }

    static TufClientSession begin(TufClientFolder folder, Source source, InstantSource clock)
            throws FlipsideException, IOException {
        try {
            return new TufClientSession(
                    folder, TrustedRepository.refresh(source, folder.store(), clock));
        } finally {
            // What was trusted before it failed stays trusted.
            folder.copyTrusted();
        }
    }

    /** Fetches a target, unless it is there already; nothing of it is seen before it is checked. */
    void download(String name, Path targets) throws FlipsideException, IOException {
        try {
            Path file = targets.resolve(PathEncoding.encode(name));
            Optional<Target> target = trusted.target(name);
            if (target.isPresent() && isWhole(file, target.get())) {
                return;
            }
            try (OutputFile out = OutputFile.create(file)) {
                trusted.fetch(name, piece -> write(out, piece));
                out.commit();
            }
        } finally {
            folder.copyTrusted();
        }
    }

    private static void write(OutputFile out, ByteBuffer piece) throws FlipsideException {
        try {
            while (piece.hasRemaining()) {
                out.channel().write(piece);
            }
        } catch (IOException e) {
            throw new FlipsideException(
                    new dev.flipside.failure.Failure(
                            FailureCode.IO_FAILED,
                            "target",
                            "to be written",
                            e.toString(),
                            "check the disk and the room on it"),
                    e);
        }
    }

    private static boolean isWhole(Path file, Target target) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != target.lengthBytes()) {
            return false;
        }
        Digests.Check check = target.digests().check();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                check.update(ByteBuffer.wrap(piece, 0, read));
            }
            check.finish(file.toString(), FailureCode.DIGEST_MISMATCH);
            return true;
        } catch (FlipsideException e) {
            return false;
        }
    }
}
