package dev.flipside.boot.uki;

import dev.flipside.format.RandomAccess;
import java.util.List;

/**
 * What goes into a unified kernel image, besides the stub (UAPI.5, Unified Kernel Image).
 *
 * @param osRelease the text of {@code os-release}
 * @param commandLine the kernel's command line, without a line break
 * @param kernelVersion as {@code uname -r} prints it
 * @param kernel an image with an EFI stub of its own
 * @param initrds loaded one after the other; a later one may replace files of those before it
 */
public record UkiContents(
        String osRelease,
        String commandLine,
        String kernelVersion,
        RandomAccess kernel,
        List<RandomAccess> initrds) {
    public UkiContents {
        initrds = List.copyOf(initrds);
    }
}
