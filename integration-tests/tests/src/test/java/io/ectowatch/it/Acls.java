package io.ectowatch.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ectowatch.testkit.Stack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The ACLs of the user with which a connector's clients log in. At first it has none. */
final class Acls {

    private final Admin admin;
    private final String servers;

    Acls(Stack stack) {
        assumeTrue(stack.kafka().securedServers().isPresent(), "the broker of this stack has no ACLs");
        servers = stack.kafka().securedServers().get();
        admin = Admin.create(
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.kafka().bootstrapServers()));
    }

    /** Lets these clients of the connector log in as the user: {@code producer}, {@code admin}. */
    void logIn(Map<String, String> config, String... clients) {
        for (String client : clients) {
            config.put(client + ".override.bootstrap.servers", servers);
            config.put(client + ".override.security.protocol", "SASL_PLAINTEXT");
            config.put(client + ".override.sasl.mechanism", "PLAIN");
            config.put(
                    client + ".override.sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required"
                            + " username=\"user\" password=\"secret\";");
        }
    }

    void grant(ResourceType type, String name, AclOperation... operations) throws Exception {
        List<AclBinding> acls = new ArrayList<>();
        for (AclOperation operation : operations) {
            acls.add(new AclBinding(
                    new ResourcePattern(type, name, PatternType.LITERAL),
                    new AccessControlEntry("User:user", "*", operation, AclPermissionType.ALLOW)));
        }
        admin.createAcls(acls).all().get();
    }

    void remove() throws Exception {
        admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
        admin.close();
    }
}
