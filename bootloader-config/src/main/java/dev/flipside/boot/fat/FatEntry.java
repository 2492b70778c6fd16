package dev.flipside.boot.fat;

/**
 * A file or a folder of a volume that was read.
 *
 * @param name the long name, or the short one where there is no other
 * @param firstCluster 0 for a file without contents
 */
public record FatEntry(String name, boolean folder, long sizeBytes, long firstCluster) {}
