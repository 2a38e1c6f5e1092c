package io.ectowatch.benchmarks.report;

import io.ectowatch.benchmarks.contender.Contender;
import io.ectowatch.benchmarks.probe.Samples;
import io.ectowatch.benchmarks.workload.Workload;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws the results as PNG files: a chart for each workload and unit, with a group of bars for each measure. */
public final class Charts {

    private static final int HEIGHT = 420;
    private static final int WIDTH_OF_A_BAR = 14;
    private static final int WIDTH_BESIDE = 320;

    /**
     * If the ratio of maximum to minimum is greater, the axis is logarithmic, because small bars would be invisible.
     */
    private static final double LINEAR_UP_TO = 30;

    private final Results results;
    private final List<Contender> contenders;

    /** @param contenders in the order of the bars */
    public Charts(Results results, List<Contender> contenders) {
        this.results = results;
        this.contenders = contenders;
    }

    /** Draws a workload's charts into a directory, as {@code <workload>-<unit>.png}. */
    public void draw(Workload workload, Path directory) throws IOException {
        Map<String, List<String>> byUnit = new LinkedHashMap<>();
        results.measures(workload.name()).forEach((measure, unit) -> byUnit.computeIfAbsent(
                        unit.isEmpty() ? "ratio" : unit, key -> new ArrayList<>())
                .add(measure));
        for (Map.Entry<String, List<String>> unit : byUnit.entrySet()) {
            String name = workload.name() + "-"
                    + unit.getKey()
                            .replace("%", "percent")
                            .replace("1/", "per ")
                            .replaceAll("[^A-Za-z]+", "-");
            CategoryChart chart = chart(workload.name(), unit.getKey(), unit.getValue());
            if (!chart.getSeriesCollection().isEmpty()) {
                try (OutputStream out = Files.newOutputStream(directory.resolve(name + ".png"))) {
                    ChartEncoder.saveChart(chart, out, "png");
                }
            }
        }
    }

    private CategoryChart chart(String workload, String unit, List<String> measures) {
        CategoryChart chart = new CategoryChartBuilder()
                .title(workload)
                .yAxisTitle(unit)
                .width(WIDTH_BESIDE + WIDTH_OF_A_BAR * measures.size() * contenders.size())
                .height(HEIGHT)
                .build();
        chart.getStyler()
                .setLegendPosition(LegendPosition.OutsideE)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false);
        chart.getStyler().setXAxisLabelRotation(measures.size() > 2 ? 30 : 0);
        Samples positive = positive(workload, measures);
        if (positive.count() == 0) {
            return chart;
        }
        boolean logarithmic = positive.greatest() / positive.least() > LINEAR_UP_TO;
        double bottom = logarithmic ? positive.least() / 2 : 0;
        chart.getStyler().setYAxisLogarithmic(logarithmic).setYAxisMin(bottom);
        for (Contender contender : contenders) {
            List<Double> medians = new ArrayList<>();
            for (String measure : measures) {
                // A bar without height if there is no value, or if it has no logarithm.
                medians.add(Math.max(bottom, median(workload, contender, measure)));
            }
            if (Collections.max(medians) > bottom) {
                chart.addSeries(contender.name(), measures, medians);
            }
        }
        return chart;
    }

    private Samples positive(String workload, List<String> measures) {
        Samples positive = new Samples();
        for (Contender contender : contenders) {
            for (String measure : measures) {
                double median = median(workload, contender, measure);
                if (median > 0) {
                    positive.add(median);
                }
            }
        }
        return positive;
    }

    /** The median, or 0 if there is no value. */
    private double median(String workload, Contender contender, String measure) {
        Samples samples = results.samples(workload, contender.name(), measure);
        return samples.count() == 0 ? 0 : samples.median();
    }
}
