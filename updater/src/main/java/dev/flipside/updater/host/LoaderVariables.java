package dev.flipside.updater.host;

import dev.flipside.boot.entries.BootEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the loader says about this boot in EFI variables (systemd's Boot Loader Interface). A
 * variable in efivarfs is 4 bytes of attributes and then, here, a string in UTF-16LE that a NUL
 * ends; one that is not is taken as not there.
 *
 * @param selected the entry that was booted
 * @param countPath the path of the entry's file after its counter went down; empty when the boot is
 *     not counted
 * @param defaultEntry an entry that is booted before any newer one: the preferred one, until it is
 *     bad (260 and later), or the default, even when it is bad
 */
record LoaderVariables(
        Optional<String> selected, Optional<String> countPath, Optional<String> defaultEntry) {
    private static final String FOLDER = "sys/firmware/efi/efivars/";
    private static final String VENDOR = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
    private static final int ATTRIBUTE_BYTES = 4;

    static LoaderVariables read(SystemFiles files) throws IOException {
        Optional<String> byDefault = text(files, "LoaderEntryDefault");
        return new LoaderVariables(
                text(files, "LoaderEntrySelected"),
                text(files, "LoaderBootCountPath"),
                text(files, "LoaderEntryPreferred").or(() -> byDefault));
    }

    /** The sequence of the entry of ours that was booted. */
    OptionalLong sequence() {
        Optional<String> file =
                countPath
                        .map(path -> path.substring(path.replace('\\', '/').lastIndexOf('/') + 1))
                        .or(() -> selected);
        return file.isEmpty()
                ? OptionalLong.empty()
                : BootEntry.parse(file.get(), new byte[0]).sequence();
    }

    private static Optional<String> text(SystemFiles files, String name) throws IOException {
        Optional<byte[]> bytes = files.read(FOLDER + name + VENDOR);
        return bytes.isEmpty() ? Optional.empty() : decode(bytes.get());
    }

    static Optional<String> decode(byte[] variable) {
        if (variable.length < ATTRIBUTE_BYTES) {
            return Optional.empty();
        }
        ByteBuffer value =
                ByteBuffer.wrap(variable, ATTRIBUTE_BYTES, variable.length - ATTRIBUTE_BYTES);
        try {
            String text = StandardCharsets.UTF_16LE.newDecoder().decode(value).toString();
            int end = text.indexOf('\0');
            String ended = end < 0 ? text : text.substring(0, end);
            return ended.isEmpty() ? Optional.empty() : Optional.of(ended);
        } catch (CharacterCodingException e) {
            // Firmware wrote something else; it names no entry of ours.
            return Optional.empty();
        }
    }
}
