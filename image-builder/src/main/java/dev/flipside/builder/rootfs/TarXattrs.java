package dev.flipside.builder.rootfs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The extended attributes in the pax headers of an entry, in all the forms in which tars write
 * them: as bytes (GNU tar, star, bsdtar, Go: {@code SCHILY.xattr.NAME}), in Base64 (bsdtar: {@code
 * LIBARCHIVE.xattr.NAME}), SELinux labels and ACLs as text. Where an archive says one thing twice,
 * the bytes count.
 */
final class TarXattrs {
    static final String SCHILY = "SCHILY.xattr.";
    static final String LIBARCHIVE = "LIBARCHIVE.xattr.";

    private static final String SELINUX = "RHT.security.selinux";
    private static final ByteString SELINUX_XATTR = ByteString.utf8("security.selinux");
    private static final ByteString ACCESS_XATTR = ByteString.utf8("system.posix_acl_access");
    private static final ByteString DEFAULT_XATTR = ByteString.utf8("system.posix_acl_default");

    private TarXattrs() {}

    /** None is left out in silence: what cannot be taken as exact bytes is refused. */
    static SortedMap<ByteString, ByteString> of(ByteString path, PaxRecords pax, TarRefusal refusal)
            throws FlipsideException {
        SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
        pax.withPrefix(SCHILY).forEach((name, value) -> xattrs.put(unescape(name), value));
        for (Map.Entry<ByteString, ByteString> xattr : pax.withPrefix(LIBARCHIVE).entrySet()) {
            ByteString name = urlDecoded(path, xattr.getKey(), refusal);
            if (!xattrs.containsKey(name)) {
                xattrs.put(name, base64Decoded(path, name, xattr.getValue(), refusal));
            }
        }
        // setfilecon(3) stores the label with a NUL; the archive has it without.
        pax.value(SELINUX)
                .map(label -> label.concat(ByteString.utf8("\0")))
                .ifPresent(label -> xattrs.putIfAbsent(SELINUX_XATTR, label));
        Optional<String> access = acl(pax, "SCHILY.acl.access");
        if (access.isPresent() && !xattrs.containsKey(ACCESS_XATTR)) {
            AclText.access(path, access.get(), refusal)
                    .ifPresent(value -> xattrs.put(ACCESS_XATTR, value));
        }
        Optional<String> inherited = acl(pax, "SCHILY.acl.default");
        if (inherited.isPresent() && !xattrs.containsKey(DEFAULT_XATTR)) {
            xattrs.put(DEFAULT_XATTR, AclText.ofDefault(path, inherited.get(), refusal));
        }
        return xattrs;
    }

    private static Optional<String> acl(PaxRecords pax, String key) {
        return pax.value(key).map(ByteString::toString);
    }

    /** GNU tar writes {@code =} and {@code %} in the name of an attribute as %3D and %25. */
    private static ByteString unescape(ByteString name) {
        if (name.indexOf((byte) '%', 0) < 0) {
            return name;
        }
        String bytes = new String(name.toByteArray(), StandardCharsets.ISO_8859_1);
        String plain = bytes.replace("%3D", "=").replace("%25", "%");
        return ByteString.of(plain.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static ByteString urlDecoded(ByteString path, ByteString name, TarRefusal refusal)
            throws FlipsideException {
        byte[] from = name.toByteArray();
        byte[] to = new byte[from.length];
        int length = 0;
        for (int i = 0; i < from.length; i++) {
            if (from[i] != '%') {
                to[length++] = from[i];
            } else if (i + 2 < from.length && isHex(from[i + 1]) && isHex(from[i + 2])) {
                to[length++] =
                        (byte)
                                (HexFormat.fromHexDigit(from[i + 1]) << 4
                                        | HexFormat.fromHexDigit(from[i + 2]));
                i += 2;
            } else {
                throw refusal.malformed(
                        TarRefusal.entry(path) + ", " + LIBARCHIVE + name,
                        "two hex digits after each '%'",
                        "others");
            }
        }
        return ByteString.of(to, 0, length);
    }

    private static boolean isHex(byte digit) {
        return HexFormat.isHexDigit(digit);
    }

    private static ByteString base64Decoded(
            ByteString path, ByteString name, ByteString value, TarRefusal refusal)
            throws FlipsideException {
        try {
            return ByteString.of(Base64.getDecoder().decode(value.toByteArray()));
        } catch (IllegalArgumentException _) {
            throw refusal.malformed(
                    TarRefusal.entry(path) + ", " + LIBARCHIVE + name, "Base64", "other bytes");
        }
    }
}
