package dev.flipside.release;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.regex.Pattern;

/**
 * The names of products and versions. They become partition labels, file names and URLs as they
 * are, so they hold only what none of these has to escape, and never an underscore, which joins the
 * two in {@code PRODUCT_VERSION}.
 */
public final class Names {
    /** GPT (UEFI 2.11, clause 5.3.3) has room for 36 UTF-16 code units in a partition's name. */
    public static final int MAX_LABEL_LENGTH = 36;

    static final String EXPECTED =
            "a lowercase letter or digit, then lowercase letters, digits, '.', '~' or '-'";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.~-]*");

    private Names() {}

    /** Whether this may be a product, a version or a channel, by itself. */
    public static boolean isName(String text) {
        return text.length() < MAX_LABEL_LENGTH && NAME.matcher(text).matches();
    }

    /**
     * The text itself, if it may be a product, a version or a channel.
     *
     * @param what what the name is for, as it stands in the failure: "product"
     * @throws FlipsideException {@code name-invalid}
     */
    public static String require(String what, String text) throws FlipsideException {
        if (isName(text)) {
            return text;
        }
        throw new FlipsideException(
                FailureCode.NAME_INVALID,
                what,
                EXPECTED + ", at most " + (MAX_LABEL_LENGTH - 1) + " characters",
                "'" + text + "'",
                "choose another name");
    }

    /**
     * {@code PRODUCT_VERSION}: the partition label and the stem of the UKI's file name.
     *
     * @throws FlipsideException {@code name-invalid} when one of them is no name, or both do not
     *     fit a partition label together
     */
    public static String label(String product, String version) throws FlipsideException {
        String label = require("product", product) + "_" + require("version", version);
        if (label.length() <= MAX_LABEL_LENGTH) {
            return label;
        }
        throw new FlipsideException(
                FailureCode.NAME_INVALID,
                "partition label PRODUCT_VERSION",
                "at most " + MAX_LABEL_LENGTH + " characters",
                "'" + label + "', which has " + label.length(),
                "shorten the product or the version");
    }
}
