// What the dashboard may contain: Grafana's types, with the options of the two kinds of panels that it has. Grafana's own type of
// a panel accepts any options.
import type { Dashboard as AnyDashboard, DataQuery, FieldConfig, FieldConfigSource, Panel, RowPanel } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as TimeSeriesStyle,
  Options as TimeSeriesOptions,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

interface PrometheusQuery extends DataQuery {
  editorMode: 'code';
  expr: string;
  instant?: boolean;
  legendFormat: string;
  range?: boolean;
}

interface QueryPanel extends Omit<Panel, 'type' | 'options' | 'targets' | 'fieldConfig'> {
  targets: PrometheusQuery[];
}

interface StatPanel extends QueryPanel {
  type: 'stat';
  options: StatOptions;
  fieldConfig: Omit<FieldConfigSource, 'defaults'> & { defaults: Omit<FieldConfig, 'custom'> };
}

interface TimeSeriesPanel extends QueryPanel {
  type: 'timeseries';
  options: TimeSeriesOptions;
  fieldConfig: Omit<FieldConfigSource, 'defaults'> & {
    defaults: Omit<FieldConfig, 'custom'> & { custom: TimeSeriesStyle };
  };
}

export interface Dashboard extends Omit<AnyDashboard, 'panels'> {
  panels: Array<StatPanel | TimeSeriesPanel | RowPanel>;
}
