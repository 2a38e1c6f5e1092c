package io.ectowatch.connect.config;

import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings that tell how what the connector needs comes into the database. */
public final class InstallFragment {

    public static final String MUTE_ALLOWED_CONFIG = "mute.allowed";
    static final String MUTE_ALLOWED_DOC =
            "Whether a transaction may keep its changes from being reported, by SET LOCAL ectowatch.mute = 'on'. Any role"
                    + " may do that which may write to the tables.";

    private static final String GROUP = "Installation";

    private final AbstractConfig config;

    InstallFragment(AbstractConfig config) {
        this.config = config;
    }

    static void define(ConfigDef definition) {
        int order = 0;
        definition.define(
                MUTE_ALLOWED_CONFIG,
                Type.BOOLEAN,
                false,
                Importance.LOW,
                MUTE_ALLOWED_DOC,
                GROUP,
                ++order,
                Width.SHORT,
                "Muting allowed");
    }

    /** Whether transactions may mute their changes. */
    public boolean muteAllowed() {
        return config.getBoolean(MUTE_ALLOWED_CONFIG);
    }
}
