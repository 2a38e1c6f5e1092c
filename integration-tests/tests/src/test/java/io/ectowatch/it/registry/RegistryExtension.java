package io.ectowatch.it.registry;

import io.ectowatch.testkit.BuildDirectory;
import io.ectowatch.testkit.embedded.EmbeddedSchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Provides the registry that all tests of this JVM share. It accepts only schemas that are backward compatible. Starts it at
 * the first use and closes it at the end.
 */
final class RegistryExtension implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EmbeddedSchemaRegistry.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(RegistryExtension.class))
                .getOrComputeIfAbsent(EmbeddedSchemaRegistry.class, key -> start(), EmbeddedSchemaRegistry.class);
    }

    private static EmbeddedSchemaRegistry start() {
        try {
            EmbeddedSchemaRegistry registry = new EmbeddedSchemaRegistry(
                    Path.of(System.getProperty("schema.registry")), new BuildDirectory().newStackDirectory());
            registry.requireCompatibility("BACKWARD");
            return registry;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the registry was starting", e);
        }
    }
}
