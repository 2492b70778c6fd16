package dev.flipside.updater.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * An answer of HTTP/1.1 (RFC 9112) as the daemon sends it: a status, and a body that has a length,
 * comes in chunks, or ends with the connection. Bounded, whoever answers.
 */
final class HttpAnswer {
    private static final int MAX_LINE_BYTES = 64 << 10;
    private static final int MAX_HEADERS = 64;
    private static final long MAX_BODY_BYTES = 16 << 20;
    private static final int HEXADECIMAL = 16;

    private final int status;
    private final InputStream in;
    private final Optional<Long> lengthBytes;
    private final boolean chunked;

    private HttpAnswer(int status, InputStream in, Optional<Long> lengthBytes, boolean chunked) {
        this.status = status;
        this.in = in;
        this.lengthBytes = lengthBytes;
        this.chunked = chunked;
    }

    /** Reads the head. */
    static HttpAnswer read(InputStream raw) throws IOException {
        InputStream in = new BufferedInputStream(raw);
        String statusLine = text(required(line(in)));
        String[] parts = statusLine.split(" ", 3);
        if (parts.length < 2 || !parts[0].equals("HTTP/1.1") || !parts[1].matches("[1-5]\\d\\d")) {
            throw new IOException("no HTTP/1.1 answer: '%s'".formatted(statusLine));
        }
        Optional<Long> lengthBytes = Optional.empty();
        boolean chunked = false;
        for (int count = 0; count < MAX_HEADERS; count++) {
            String header = text(required(line(in))).toLowerCase(Locale.ROOT);
            if (header.isEmpty()) {
                return new HttpAnswer(Integer.parseInt(parts[1]), in, lengthBytes, chunked);
            }
            if (header.startsWith("content-length:")) {
                lengthBytes = Optional.of(number(header, 10));
            }
            chunked |= header.startsWith("transfer-encoding:") && header.endsWith("chunked");
        }
        throw new IOException("more than %d headers".formatted(MAX_HEADERS));
    }

    int status() {
        return status;
    }

    /** The whole body. */
    InputStream body() throws IOException {
        if (!chunked) {
            long length = lengthBytes.orElse(MAX_BODY_BYTES);
            return new java.io.ByteArrayInputStream(
                    in.readNBytes((int) Math.min(length, MAX_BODY_BYTES)));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] next = chunk(); next.length > 0; next = chunk()) {
            all.writeBytes(next);
            if (all.size() > MAX_BODY_BYTES) {
                throw new IOException("an answer of more than %d bytes".formatted(MAX_BODY_BYTES));
            }
        }
        return new java.io.ByteArrayInputStream(all.toByteArray());
    }

    /** The next line of a stream whose every chunk is a line; empty at its end. */
    Optional<byte[]> line() throws IOException {
        try {
            byte[] next = chunked ? chunk() : new byte[0];
            return next.length == 0 ? Optional.empty() : Optional.of(next);
        } catch (EOFException e) {
            // The daemon has gone without a last chunk.
            return Optional.empty();
        }
    }

    private byte[] chunk() throws IOException {
        long length = number("chunk:" + text(required(line(in))), HEXADECIMAL);
        byte[] bytes = in.readNBytes((int) Math.min(length, MAX_BODY_BYTES));
        if (bytes.length < length || required(line(in)).length != 0) {
            throw new EOFException("a chunk that ends early");
        }
        return bytes;
    }

    private static long number(String header, int radix) throws IOException {
        String value = header.substring(header.indexOf(':') + 1).strip();
        try {
            long number = Long.parseLong(value, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IOException("no length: '%s'".formatted(value), e);
        }
        throw new IOException("a length below zero: " + value);
    }

    private static byte[] required(Optional<byte[]> line) throws EOFException {
        return line.orElseThrow(() -> new EOFException("the connection ended"));
    }

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.ISO_8859_1);
    }

    private static Optional<byte[]> line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                return Optional.of(line.toByteArray());
            }
            if (next != '\r') {
                line.write(next);
            }
            if (line.size() > MAX_LINE_BYTES) {
                throw new IOException("a line of more than %d bytes".formatted(MAX_LINE_BYTES));
            }
        }
        return Optional.empty();
    }
}
