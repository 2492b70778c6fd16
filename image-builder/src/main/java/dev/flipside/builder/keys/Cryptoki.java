package dev.flipside.builder.keys;

import dev.flipside.format.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The few functions of a PKCS #11 library that signing takes (OASIS PKCS #11 2.40 and 3.0). A
 * number of the interface, CK_ULONG, is a C {@code long}: 64 bits on every host that Flipside
 * knows.
 *
 * <p>Whatever the library answers but CKR_OK is a {@link Refusal}.
 */
@SuppressWarnings("restricted") // Calls into a library that the user named.
final class Cryptoki implements AutoCloseable {
    static final long PIN_INCORRECT = 0xa0;
    static final long PIN_LEN_RANGE = 0xa2;
    static final long PIN_LOCKED = 0xa4;
    static final long PRIVATE_KEY = 3;
    static final long PUBLIC_KEY = 2;
    static final long CLASS = 0x0;
    static final long LABEL = 0x3;
    static final long KEY_TYPE = 0x100;
    static final long ID = 0x102;
    static final long MODULUS = 0x120;
    static final long PUBLIC_EXPONENT = 0x122;
    static final long EC_PARAMS = 0x180;
    static final long EC_POINT = 0x181;

    private static final long ALREADY_LOGGED_IN = 0x100;
    private static final long ALREADY_INITIALIZED = 0x191;
    private static final long SERIAL_SESSION = 4;
    private static final long USER = 1;
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
    private static final int MAX_SLOTS = 256;
    private static final int MAX_OBJECTS = 64;
    private static final int MAX_VALUE_BYTES = 16 << 10;
    private static final int TOKEN_INFO_BYTES = 512;
    private static final int LABEL_BYTES = 32;
    private static final long WORD = Long.BYTES;

    /** Indexes in CK_FUNCTION_LIST, whose pointers begin after a version of 2 bytes, aligned. */
    private enum Function {
        INITIALIZE(0),
        FINALIZE(1),
        GET_SLOT_LIST(4),
        GET_TOKEN_INFO(6),
        OPEN_SESSION(12),
        CLOSE_SESSION(13),
        LOGIN(18),
        GET_ATTRIBUTE_VALUE(24),
        FIND_OBJECTS_INIT(26),
        FIND_OBJECTS(27),
        FIND_OBJECTS_FINAL(28),
        SIGN_INIT(42),
        SIGN(43);

        private final int index;

        Function(int index) {
            this.index = index;
        }
    }

    /** What the library answered instead of CKR_OK. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final long code;

        Refusal(String function, long code) {
            super("%s answers 0x%x".formatted(function, code));
            this.code = code;
        }

        long code() {
            return code;
        }
    }

    /** An attribute that an object must have. */
    record Attribute(long type, ByteString value) {
        static Attribute number(long type, long value) {
            byte[] bytes = new byte[Long.BYTES];
            java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.nativeOrder()).putLong(value);
            return new Attribute(type, ByteString.of(bytes));
        }
    }

    private final Arena arena;
    private final MemorySegment functions;
    private boolean initialized;

    private Cryptoki(Arena arena, MemorySegment functions) {
        this.arena = arena;
        this.functions = functions;
    }

    /**
     * Loads a library and initializes it.
     *
     * @throws IOException when it is no PKCS #11 library
     */
    static Cryptoki load(Path library) throws IOException, Refusal {
        requireLibrary(library);
        Arena arena = Arena.ofConfined();
        try {
            MemorySegment entry =
                    SymbolLookup.libraryLookup(library, Arena.global())
                            .find("C_GetFunctionList")
                            .orElseThrow(() -> new IOException("no C_GetFunctionList in it"));
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            call("C_GetFunctionList", entry, pointer);
            MemorySegment list =
                    pointer.get(ValueLayout.ADDRESS, 0)
                            .reinterpret(WORD * (1 + Function.SIGN.index + 1));
            Cryptoki cryptoki = new Cryptoki(arena, list);
            cryptoki.initialize();
            return cryptoki;
        } catch (IllegalArgumentException e) {
            arena.close();
            throw new IOException(e.getMessage(), e);
        } catch (IOException | Refusal e) {
            arena.close();
            throw e;
        }
    }

    /** The JVM would guess aloud, on standard output, what is wrong with another kind of file. */
    private static void requireLibrary(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("no such file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            if (!Arrays.equals(in.readNBytes(ELF.length), ELF)) {
                throw new IOException("another kind of file");
            }
        }
    }

    private void initialize() throws Refusal {
        try {
            call(Function.INITIALIZE, MemorySegment.NULL);
            initialized = true;
        } catch (Refusal e) {
            if (e.code() != ALREADY_INITIALIZED) {
                throw e;
            }
        }
    }

    /** The slots that have a token. */
    List<Long> slots() throws Refusal {
        MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
        count.set(ValueLayout.JAVA_LONG, 0, MAX_SLOTS);
        MemorySegment slots = arena.allocate(ValueLayout.JAVA_LONG, MAX_SLOTS);
        call(Function.GET_SLOT_LIST, (byte) 1, slots, count);
        return longs(slots, count);
    }

    /** The label of the token in a slot, without its padding. */
    String label(long slot) throws Refusal {
        MemorySegment info = arena.allocate(TOKEN_INFO_BYTES, WORD);
        call(Function.GET_TOKEN_INFO, slot, info);
        byte[] label = info.asSlice(0, LABEL_BYTES).toArray(ValueLayout.JAVA_BYTE);
        return new String(label, StandardCharsets.UTF_8).stripTrailing();
    }

    long openSession(long slot) throws Refusal {
        MemorySegment session = arena.allocate(ValueLayout.JAVA_LONG);
        call(
                Function.OPEN_SESSION,
                slot,
                SERIAL_SESSION,
                MemorySegment.NULL,
                MemorySegment.NULL,
                session);
        return session.get(ValueLayout.JAVA_LONG, 0);
    }

    void closeSession(long session) throws Refusal {
        call(Function.CLOSE_SESSION, session);
    }

    void login(long session, String pin) throws Refusal {
        byte[] bytes = pin.getBytes(StandardCharsets.UTF_8);
        try {
            call(Function.LOGIN, session, USER, bytes(bytes), (long) bytes.length);
        } catch (Refusal e) {
            if (e.code() != ALREADY_LOGGED_IN) {
                throw e;
            }
        }
    }

    /** The objects with all of these attributes. */
    List<Long> find(long session, List<Attribute> attributes) throws Refusal {
        MemorySegment template = arena.allocate(3 * WORD * attributes.size(), WORD);
        for (int i = 0; i < attributes.size(); i++) {
            Attribute attribute = attributes.get(i);
            putAttribute(template, i, attribute.type(), bytes(attribute.value().toByteArray()));
        }
        call(Function.FIND_OBJECTS_INIT, session, template, (long) attributes.size());
        MemorySegment found = arena.allocate(ValueLayout.JAVA_LONG, MAX_OBJECTS);
        MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
        call(Function.FIND_OBJECTS, session, found, (long) MAX_OBJECTS, count);
        call(Function.FIND_OBJECTS_FINAL, session);
        return longs(found, count);
    }

    /** The value of an attribute, empty when the object has none. */
    Optional<byte[]> value(long session, long object, long type) {
        MemorySegment value = arena.allocate(MAX_VALUE_BYTES);
        MemorySegment template = arena.allocate(3 * WORD, WORD);
        putAttribute(template, 0, type, value);
        try {
            call(Function.GET_ATTRIBUTE_VALUE, session, object, template, 1L);
        } catch (Refusal e) {
            return Optional.empty();
        }
        long length = template.get(ValueLayout.JAVA_LONG, 2 * WORD);
        return length < 0 || length > MAX_VALUE_BYTES
                ? Optional.empty()
                : Optional.of(value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    /**
     * Signs in one step.
     *
     * @param parameters of the mechanism, each a CK_ULONG
     */
    byte[] sign(long session, long key, long mechanism, long[] parameters, byte[] data)
            throws Refusal {
        MemorySegment value =
                parameters.length == 0
                        ? MemorySegment.NULL
                        : arena.allocateFrom(ValueLayout.JAVA_LONG, parameters);
        MemorySegment struct = arena.allocate(3 * WORD, WORD);
        putAttribute(struct, 0, mechanism, value);
        call(Function.SIGN_INIT, session, struct, key);
        MemorySegment signature = arena.allocate(MAX_VALUE_BYTES);
        MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
        length.set(ValueLayout.JAVA_LONG, 0, MAX_VALUE_BYTES);
        call(Function.SIGN, session, bytes(data), (long) data.length, signature, length);
        long written = Math.min(length.get(ValueLayout.JAVA_LONG, 0), MAX_VALUE_BYTES);
        return signature.asSlice(0, written).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        try {
            if (initialized) {
                call(Function.FINALIZE, MemorySegment.NULL);
            }
        } catch (Refusal e) {
            // The library is on its way out; there is nothing that anyone could do about it.
            initialized = false;
        } finally {
            arena.close();
        }
    }

    /** Type, pointer and length; the layout of CK_ATTRIBUTE and of CK_MECHANISM. */
    private static void putAttribute(
            MemorySegment template, int index, long type, MemorySegment value) {
        long at = 3 * WORD * index;
        template.set(ValueLayout.JAVA_LONG, at, type);
        template.set(ValueLayout.ADDRESS, at + WORD, value);
        template.set(ValueLayout.JAVA_LONG, at + 2 * WORD, value.byteSize());
    }

    private MemorySegment bytes(byte[] bytes) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    private static List<Long> longs(MemorySegment values, MemorySegment count) {
        List<Long> longs = new ArrayList<>();
        long valid = Math.min(count.get(ValueLayout.JAVA_LONG, 0), values.byteSize() / WORD);
        for (long i = 0; i < valid; i++) {
            longs.add(values.getAtIndex(ValueLayout.JAVA_LONG, i));
        }
        return longs;
    }

    private void call(Function function, Object... arguments) throws Refusal {
        MemorySegment address = functions.get(ValueLayout.ADDRESS, WORD * (1 + function.index));
        call("C_" + function, address, arguments);
    }

    private static void call(String name, MemorySegment address, Object... arguments)
            throws Refusal {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] =
                    switch (arguments[i]) {
                        case Long number -> ValueLayout.JAVA_LONG;
                        case Byte flag -> ValueLayout.JAVA_BYTE;
                        default -> ValueLayout.ADDRESS;
                    };
        }
        MethodHandle handle =
                Linker.nativeLinker()
                        .downcallHandle(
                                address, FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts));
        long answer;
        try {
            answer = (long) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(name + " as PKCS #11 declares it", e);
        }
        if (answer != 0) {
            throw new Refusal(name, answer);
        }
    }
}
