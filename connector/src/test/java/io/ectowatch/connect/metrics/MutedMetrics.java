package io.ectowatch.connect.metrics;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Loads all classes of this program again, and takes what records out of those of the metrics if asked: their methods
 * without a result then do nothing. What registers metrics stays.
 */
final class MutedMetrics extends URLClassLoader {

    private static final Set<String> RECORDING = Set.of(
            TaskMetrics.class.getName(),
            Published.class.getName(),
            JournalMetrics.class.getName(),
            Distribution.class.getName(),
            TableMetrics.Counter.class.getName());

    private static final Set<String> KEPT = Set.of("<init>", "register", "close");

    private final boolean muted;

    MutedMetrics(boolean muted) throws MalformedURLException {
        super(classPath(), ClassLoader.getPlatformClassLoader());
        this.muted = muted;
    }

    private static URL[] classPath() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (!muted || !RECORDING.contains(name)) {
            return super.findClass(name);
        }
        try (InputStream original = getResourceAsStream(name.replace('.', '/') + ".class")) {
            byte[] code = withoutRecording(new ClassReader(original));
            return defineClass(name, code, 0, code.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private static byte[] withoutRecording(ClassReader original) {
        ClassWriter writer = new ClassWriter(0);
        original.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] exceptions) {
                        MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
                        boolean records = Type.getReturnType(descriptor) == Type.VOID_TYPE
                                && !KEPT.contains(name)
                                && (access & (Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC)) == 0;
                        if (!records) {
                            return method;
                        }
                        method.visitCode();
                        method.visitInsn(Opcodes.RETURN);
                        method.visitMaxs(0, Type.getArgumentsAndReturnSizes(descriptor) >> 2);
                        method.visitEnd();
                        return null;
                    }
                },
                0);
        return writer.toByteArray();
    }
}
