package dev.flipside.updater.config;

/**
 * One key of the configuration with the value that holds.
 *
 * @param value as it would be written in TOML
 * @param origin the file, or that it is the default
 */
public record ConfigValue(String section, String key, String value, String origin) {}
