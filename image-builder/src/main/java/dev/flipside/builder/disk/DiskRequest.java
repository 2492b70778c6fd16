package dev.flipside.builder.disk;

import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.secureboot.EnrolmentKeys;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What disk to make.
 *
 * @param release the folder of a release
 * @param out a file that does not exist
 * @param sectorSizeBytes 512 or 4096
 * @param loader systemd-boot; empty to take it from the image
 * @param secureBoot what the firmware is told to trust
 */
public record DiskRequest(
        Path release,
        Path out,
        DiskFormat format,
        DiskSizes sizes,
        int sectorSizeBytes,
        Optional<Path> loader,
        SecureBoot secureBoot) {

    /**
     * Who signs the loader, and which keys the loader enrols.
     *
     * @param signer empty to take the loader as it is
     * @param enrolment empty to leave the firmware's keys alone
     */
    public record SecureBoot(Optional<SigningIdentity> signer, Optional<EnrolmentKeys> enrolment) {
        public static SecureBoot none() {
            return new SecureBoot(Optional.empty(), Optional.empty());
        }
    }

    public static final int DEFAULT_SECTOR_SIZE_BYTES = 512;
}
