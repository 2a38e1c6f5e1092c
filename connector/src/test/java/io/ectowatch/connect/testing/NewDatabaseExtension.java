package io.ectowatch.connect.testing;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** Creates the databases for the {@link NewDatabase} fields. The store of the test, or of the class, closes them. */
final class NewDatabaseExtension implements BeforeAllCallback, BeforeEachCallback {

    private static final Namespace DATABASES = Namespace.create(NewDatabaseExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        fill(context, true, null);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        fill(context, false, context.getRequiredTestInstance());
    }

    private static void fill(ExtensionContext context, boolean ofClass, Object test) throws Exception {
        for (Field field : AnnotationSupport.findAnnotatedFields(
                context.getRequiredTestClass(),
                NewDatabase.class,
                field -> Modifier.isStatic(field.getModifiers()) == ofClass,
                HierarchyTraversalMode.TOP_DOWN)) {
            String encoding = field.getAnnotation(NewDatabase.class).encoding();
            TestDatabase database = encoding.isEmpty() ? TestDatabase.create() : TestDatabase.create(encoding);
            context.getStore(DATABASES).put(field, database);
            field.setAccessible(true);
            field.set(test, database);
        }
    }
}
