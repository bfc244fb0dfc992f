// A JupyterLab extension as the browser loads it (no build step): it draws plotly figures, also in a notebook that
// is not trusted, so that a saved notebook needs neither plotly.js nor a script in it; in the colours of JupyterLab's
// theme. A figure that was drawn leaves its picture (a light one) in the output, which is saved with the notebook and
// shown where nothing draws figures (GitHub).
(function () {
  const MIME = 'application/vnd.plotly.v1+json';
  const PNG = 'image/png';
  const SIZE = { width: 700, height: 450 };
  // A figure that is updated all the time gets its picture when that pauses; milliseconds.
  const PAUSE = 300;
  const CONFIG = { responsive: true, displaylogo: false, showSendToCloud: false };
  const here = document.currentScript.src;
  let shared;
  let loading;
  let loadingPanel;
  let loadingDark;

  /** Loads a script that lies beside this one. */
  const loadScript = (name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = here.replace(/remoteEntry\.js.*/, name);
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${name} is not there: start JupyterLab with npm run lab`));
      document.head.append(script);
    });

  async function loadPlotly() {
    loading ??= window.Plotly ? Promise.resolve() : loadScript('plotly.min.js');
    try {
      await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
    return window.Plotly;
  }

  /** Images beside the mouse, where a figure has some. */
  async function addSpritePanel(node) {
    loadingPanel ??= loadScript('spritePanel.js');
    await loadingPanel;
    window.mslSpritePanel(node);
  }

  /** Whether JupyterLab's theme is a dark one; the page says so of every theme. */
  const isDark = () => document.body.dataset.jpThemeLight === 'false';

  /** A figure as the theme wants it. */
  async function inTheme(figure) {
    if (!isDark()) return figure;
    loadingDark ??= loadScript('inDark.js');
    await loadingDark;
    return window.mslInDark(figure);
  }

  async function createPlugin() {
    const { Widget } = (await Object.values(shared['@lumino/widgets'])[0].get())();

    const drawn = new Set();
    new MutationObserver(() => {
      for (const widget of drawn) widget.draw().catch(() => undefined);
    }).observe(document.body, { attributeFilter: ['data-jp-theme-light'] });

    class PlotlyWidget extends Widget {
      async renderModel(model) {
        const text = JSON.stringify(model.data[MIME]);
        // The picture that is added below makes JupyterLab draw the output again.
        if (text === this.drawn) return;
        let Plotly;
        try {
          Plotly = await loadPlotly();
        } catch (error) {
          const png = model.data[PNG];
          this.node.textContent = png ? '' : String(error);
          if (png) this.node.append(Object.assign(new Image(), { src: `data:image/png;base64,${png}` }));
          return;
        }
        this.drawn = text;
        await this.draw();
        // Not waited for: the figure is there, with or without its picture.
        if (!model.data[PNG]) this.addPicture(Plotly, model, text).catch(() => undefined);
      }
      /** Draws the figure that this shows, anew where it is drawn already. */
      async draw() {
        const figure = await inTheme(JSON.parse(this.drawn)); // plotly.js writes into its arguments
        if (this.isDisposed) return;
        const { data, layout = {}, config, frames } = figure;
        // A figure that was drawn before has forgotten its height when the page changes its size, and would have none.
        this.node.style.height = `${layout.height ?? SIZE.height}px`;
        await window.Plotly.react(this.node, data, layout, { ...CONFIG, ...config });
        if (frames) await window.Plotly.addFrames(this.node, frames);
        if (layout.meta?.sprites) addSpritePanel(this.node).catch(() => undefined);
        drawn.add(this);
        // For those who cannot see it.
        if (layout.meta?.alt) Object.assign(this.node, { role: 'img', ariaLabel: layout.meta.alt });
      }
      async addPicture(Plotly, model, text) {
        // The output may change meanwhile.
        const isCurrent = () =>
          !this.isDisposed && !model.data[PNG] && JSON.stringify(model.data[MIME]) === text;
        await new Promise((resolve) => window.setTimeout(resolve, PAUSE));
        if (!isCurrent()) return;
        const { data, layout, config } = JSON.parse(text);
        const { width, height } = { ...SIZE, ...layout };
        const figure = { data, layout: { ...layout, width, height }, config };
        const url = await Plotly.toImage(figure, { format: 'png', width, height, scale: 1 });
        if (isCurrent()) {
          model.setData({ data: { ...model.data, [PNG]: url.slice(url.indexOf(',') + 1) } });
        }
      }
      onResize() {
        if (this.node.data && this.isVisible) window.Plotly.Plots.resize(this.node);
      }
      dispose() {
        drawn.delete(this);
        if (this.node.data) window.Plotly?.purge(this.node);
        super.dispose();
      }
    }

    return {
      id: 'msl-plotly:mime',
      rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: () => new PlotlyWidget() },
      rank: 0,
      dataType: 'json',
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['msl-plotly'] = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const plugin = await createPlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
