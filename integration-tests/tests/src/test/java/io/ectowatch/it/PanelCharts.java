package io.ectowatch.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.None;

/**
 * The picture of the documentation: the data of the dashboard's panels with graphs, four lines of each. {@code -Dmonitoring.picture=FILE}
 * draws it after {@code -Dmonitoring.seconds} of load.
 */
final class PanelCharts {

    private static final int COLUMNS = 3;
    private static final int WIDTH = 430;
    private static final int HEIGHT = 250;
    private static final int MOST_LINES = 4;
    private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}");

    private PanelCharts() {}

    static void drawIfAsked(Prometheus prometheus) throws IOException, InterruptedException {
        String file = System.getProperty("monitoring.picture");
        if (file == null) {
            return;
        }
        int seconds = Integer.getInteger("monitoring.seconds", 180);
        Thread.sleep(seconds * 1000L);
        List<XYChart> charts = new ArrayList<>();
        for (MonitoringFiles.Panel panel : MonitoringFiles.panels()) {
            if (panel.type().equals("timeseries")) {
                charts.add(chart(panel, prometheus, seconds));
            }
        }
        int rows = (charts.size() + COLUMNS - 1) / COLUMNS;
        BufferedImage picture = new BufferedImage(COLUMNS * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
        for (int i = 0; i < charts.size(); i++) {
            Graphics2D part = (Graphics2D) graphics.create(i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT, WIDTH, HEIGHT);
            charts.get(i).paint(part, WIDTH, HEIGHT);
            part.dispose();
        }
        ImageIO.write(picture, "png", Path.of(file).toFile());
    }

    private static XYChart chart(MonitoringFiles.Panel panel, Prometheus prometheus, int seconds) {
        XYChart chart = new XYChartBuilder()
                .title(panel.title())
                .xAxisTitle("seconds")
                .yAxisTitle(unit(panel.unit()))
                .width(WIDTH)
                .height(HEIGHT)
                .build();
        chart.getStyler()
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false)
                .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 13))
                .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 10));
        Map<String, JsonNode> lines = new LinkedHashMap<>();
        for (int i = 0; i < panel.queries().size(); i++) {
            for (JsonNode series : prometheus.queryRange(panel.queries().get(i), seconds)) {
                lines.put(legend(panel.legends().get(i), series), series.path("values"));
            }
        }
        // The legend has no room for lines that are 0 all the time, beside others.
        boolean someIsNotZero = lines.values().stream().anyMatch(PanelCharts::isEverNotZero);
        lines.forEach((name, values) -> {
            if (!someIsNotZero || isEverNotZero(values)) {
                add(chart, name, values);
            }
        });
        return chart;
    }

    private static boolean isEverNotZero(JsonNode values) {
        for (JsonNode value : values) {
            if (!value.path(1).asText().equals("0")) {
                return true;
            }
        }
        return false;
    }

    private static void add(XYChart chart, String name, JsonNode values) {
        List<Double> times = new ArrayList<>();
        List<Double> points = new ArrayList<>();
        double begin = values.path(0).path(0).asDouble();
        for (JsonNode value : values) {
            double point = Double.parseDouble(value.path(1).asText());
            if (!Double.isNaN(point)) {
                times.add(value.path(0).asDouble() - begin);
                points.add(point);
            }
        }
        if (!points.isEmpty() && chart.getSeriesCollection().size() < MOST_LINES) {
            XYSeries series = chart.addSeries(name, times, points);
            series.setMarker(new None());
        }
    }

    /** The connector's name says the test's database too. */
    private static String legend(String format, JsonNode series) {
        Matcher label = LABEL.matcher(format);
        return label.replaceAll(found -> Matcher.quoteReplacement(
                        series.path("metric").path(found.group(1)).asText()))
                .replaceAll("(connector-producer-)?test\\d+-shop(-0)?", "shop");
    }

    private static String unit(String unit) {
        return switch (unit) {
            case "cps" -> "per second";
            case "none" -> "";
            default -> unit;
        };
    }
}
