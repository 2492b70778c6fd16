package dev.flipside.builder.rootfs;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;

/** The failures of one tar archive, named as the user gave it. */
record TarRefusal(String archive) {
    FlipsideException malformed(String where, String expected, String found) {
        return refuse(FailureCode.TAR_MALFORMED, where, expected, found, "make the archive again");
    }

    FlipsideException truncated(String where) {
        return malformed(where, "more bytes", "the end of the file");
    }

    FlipsideException unsafe(ByteString path, String expected, String found) {
        return refuse(
                FailureCode.TAR_PATH_UNSAFE,
                entry(path),
                expected,
                found,
                "make the archive with 'tar -C ROOT .'");
    }

    FlipsideException unsupported(ByteString path, String expected, String found, String action) {
        return refuse(FailureCode.ROOTFS_UNSUPPORTED, entry(path), expected, found, action);
    }

    FlipsideException compressed(String compression) {
        return refuse(
                FailureCode.ROOTFS_UNSUPPORTED,
                "archive",
                "a plain tar, or one in gzip, xz or zstd",
                "one compressed with " + compression,
                "decompress it with '" + compression + " -d'");
    }

    /** What a decoder refused. */
    FlipsideException undecodable(ArchiveStream.Undecodable e) {
        String label = e.compression().label();
        if (e.tooLarge()) {
            return refuse(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    label + " data",
                    e.compression() == Compression.XZ
                            ? "a dictionary of at most 64 MiB, as xz -9 has it"
                            : "a window of at most 128 MiB, as zstd --long has it",
                    "a larger one",
                    "compress it again with a lower level");
        }
        return malformed(
                label + " data",
                "whole and undamaged " + label + " data",
                "'" + e.getMessage() + "'");
    }

    FlipsideException changed(String found) {
        return refuse(
                FailureCode.INPUT_CHANGED,
                "second reading",
                "the same archive as in the first",
                found,
                "leave the archive alone while an image is built from it");
    }

    static String entry(ByteString path) {
        return "entry '" + path + "'";
    }

    private FlipsideException refuse(
            FailureCode code, String where, String expected, String found, String action) {
        return new FlipsideException(code, archive + ": " + where, expected, found, action);
    }
}
