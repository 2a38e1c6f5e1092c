package io.ectowatch.it;

import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.StackUnavailableException;
import io.ectowatch.testkit.choice.Stacks;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Provides the {@link Stack} that all tests of this JVM share. Starts it at the first use and closes it at the end. If
 * the stack does not start, every test class that uses it fails.
 */
public final class StackExtension implements BeforeAllCallback, ParameterResolver {

    /** The reason why the stack is unavailable. The start is tried only once. */
    private static final class NoStack extends RuntimeException {

        private static final long serialVersionUID = 1L;

        /** Has no stack trace: the message is enough. */
        NoStack(StackUnavailableException reason) {
            super(reason.getMessage(), null, false, false);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        stack(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Stack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return stack(context);
    }

    private static Stack stack(ExtensionContext context) {
        Store store = context.getRoot().getStore(Namespace.create(StackExtension.class));
        RuntimeException before = store.get(NoStack.class, RuntimeException.class);
        if (before != null) {
            throw before;
        }
        try {
            return store.getOrComputeIfAbsent(Stack.class, key -> Stacks.start(), Stack.class);
        } catch (RuntimeException e) {
            RuntimeException failure = e instanceof StackUnavailableException reason ? new NoStack(reason) : e;
            store.put(NoStack.class, failure);
            throw failure;
        }
    }
}
