package dev.flipside.updater.source;

/**
 * How a repository is asked.
 *
 * @param bytesPerSecond 0 for no limit
 */
public record SourceSettings(
        SourceLimits limits, Proxies proxies, TlsFiles tls, long bytesPerSecond) {
    /** No proxy, the authorities of the operating system, and no limit of the rate. */
    public static SourceSettings of(SourceLimits limits) {
        return new SourceSettings(limits, Proxies.none(), TlsFiles.ofTheSystem(), 0);
    }
}
