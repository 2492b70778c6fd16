package dev.flipside.erofs;

/**
 * Where the bytes of a regular file stand in an image.
 *
 * @param offsetBytes a multiple of 4096; 0 for an empty file, which has no block
 */
public record Extent(long offsetBytes, long sizeBytes) {}
