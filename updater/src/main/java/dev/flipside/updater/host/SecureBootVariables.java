package dev.flipside.updater.host;

import dev.flipside.boot.secureboot.FirmwareTrust;
import dev.flipside.boot.secureboot.SignatureDatabase;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * What firmware and shim say about Secure Boot in EFI variables. Where shim stands before the
 * loader it mirrors its own lists, with its vendor's certificate, into {@code MokListRT} and {@code
 * MokListXRT}, which only firmware's boot services can write.
 */
public final class SecureBootVariables {
    private static final String FOLDER = "sys/firmware/efi/efivars/";
    private static final String GLOBAL = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    private static final String DATABASE = "-d719b2cb-3d3a-4596-a3bc-dad00e67656f";
    private static final String SHIM = "-605dab50-e046-4300-abb6-3dd810dd8b23";
    private static final int ATTRIBUTE_BYTES = 4;

    private SecureBootVariables() {}

    /**
     * Reads them in a folder that stands for {@code /}.
     *
     * @throws FlipsideException {@code signature-invalid} for lists that are none, {@code
     *     io-failed}
     */
    public static FirmwareTrust read(Path systemRoot) throws FlipsideException {
        SystemFiles files = new SystemFiles(systemRoot);
        try {
            Optional<byte[]> on = value(files, "SecureBoot" + GLOBAL);
            if (on.isEmpty() || !Arrays.equals(on.get(), new byte[] {1})) {
                return FirmwareTrust.ofAnything();
            }
            return new FirmwareTrust(
                    true,
                    list(files, "db" + DATABASE).and(list(files, "MokListRT" + SHIM)),
                    list(files, "dbx" + DATABASE).and(list(files, "MokListXRT" + SHIM)));
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.IO_FAILED,
                            "the variables of Secure Boot",
                            "to be readable in '%s'".formatted(systemRoot.resolve(FOLDER)),
                            e.toString(),
                            "mount efivarfs"),
                    e);
        }
    }

    private static SignatureDatabase list(SystemFiles files, String name)
            throws IOException, FlipsideException {
        Optional<byte[]> value = value(files, name);
        return value.isEmpty()
                ? SignatureDatabase.empty()
                : SignatureDatabase.parse(value.get(), name);
    }

    /** Without the attributes, which efivarfs puts before the value. */
    private static Optional<byte[]> value(SystemFiles files, String name) throws IOException {
        return files.read(FOLDER + name)
                .filter(bytes -> bytes.length >= ATTRIBUTE_BYTES)
                .map(bytes -> Arrays.copyOfRange(bytes, ATTRIBUTE_BYTES, bytes.length));
    }
}
