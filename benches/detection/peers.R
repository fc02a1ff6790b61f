#!/usr/bin/env Rscript
# Other detectors over the current 49 weeks of each series: peers.R SERIES.csv OUT.csv [METHODS [SCENARIOS]]
# METHODS: names of the list below with commas between, or "all". SCENARIOS: numbers, e.g. 1,2,40.
suppressPackageStartupMessages(library(surveillance))
args <- commandArgs(trailingOnly = TRUE)
stopifnot(length(args) >= 2)

# Only the baseline and the current year: with b = 5 and w = 3 the first current week looks back to week 313 exactly.
first <- 313
current <- 264:312
alpha <- 0.01

flexible <- function(name, ...) function(series) {
    fitted <- farringtonFlexible(series, list(range = current, b = 5, w = 3, alpha = alpha, glmWarnings = FALSE, ...))
    # The same fit says what a level of 0.05, the package's own, would have alarmed on.
    p <- fitted@control$pvalue[, 1]
    looser <- p <= 0.05 & !is.na(upperbound(fitted)[, 1]) & observed(fitted)[, 1] > 0
    setNames(list(alarms(fitted)[, 1], looser), paste0(name, c("", "-0.05")))
}
plain <- function(name, run) function(series) setNames(list(run(series)), name)
ears <- function(method) plain(tolower(paste0("ears-", method)), function(series)
    alarms(earsC(series, list(range = current, method = method, alpha = alpha)))[, 1])
sums <- function(name, ...) plain(name, function(series) alarms(cusum(series, list(range = current, ...)))[, 1])

methods <- list(
    farrington = flexible("farrington", noPeriods = 1, weightsThreshold = 1, pastWeeksNotIncluded = 3,
        pThresholdTrend = 0.05, thresholdMethod = "delta"),
    noufaily = flexible("noufaily", noPeriods = 10, weightsThreshold = 2.58, pastWeeksNotIncluded = 26,
        pThresholdTrend = 1, thresholdMethod = "nbPlugin"),
    `boda-delay` = plain("boda-delay", function(series) {
        # It draws: the same alarms each time.
        set.seed(1)
        alarms(bodaDelay(series, list(range = current, b = 5, w = 3, alpha = alpha, noPeriods = 10,
            pastWeeksNotIncluded = 26, inferenceMethod = "asym", delay = FALSE)))[, 1]
    }),
    `ears-c1` = ears("C1"),
    `ears-c2` = ears("C2"),
    `ears-c3` = ears("C3"),
    cusum = sums("cusum", k = 1.04, h = 2.26, trans = "standard"),
    `cusum-glm-rossi` = sums("cusum-glm-rossi", k = 1.04, h = 2.26, m = "glm", trans = "rossi"),
    `periodic-nb` = plain("periodic-nb", function(series) {
        d <- data.frame(y = observed(series)[, 1], t = seq_len(nrow(series)))
        model <- y ~ t + cos(2 * pi * t / 52) + sin(2 * pi * t / 52)
        learn <- d[d$t < min(current), ]
        fit <- tryCatch(MASS::glm.nb(model, learn), error = function(e) NULL)
        size <- if (is.null(fit)) 1e6 else fit$theta
        # Counts no wider than Poisson leave nothing to estimate.
        if (is.null(fit)) fit <- glm(model, poisson(), learn)
        mu <- predict(fit, d[current, ], type = "response")
        d$y[current] > qnbinom(1 - alpha, size = size, mu = mu)
    }),
    `twice-eight-weeks` = plain("twice-eight-weeks", function(series) {
        y <- observed(series)[, 1]
        vapply(current, function(t) y[t] > 2 * mean(y[(t - 8):(t - 1)]), TRUE)
    })
)

chosen <- names(methods)
if (length(args) > 2 && args[3] != "all") chosen <- strsplit(args[3], ",")[[1]]
stopifnot(all(chosen %in% names(methods)))
d <- read.csv(args[1])
if (length(args) > 3) d <- d[d$scenario %in% as.integer(strsplit(args[4], ",")[[1]]), ]
all <- split(d, list(d$scenario, d$k, d$replicate), drop = TRUE, lex.order = TRUE)
out <- file(args[2], "w")
writeLines("scenario,k,replicate,method,week,alarm", out)
took <- setNames(numeric(length(chosen)), chosen)
since <- proc.time()[3]
for (i in seq_along(all)) {
    one <- all[[i]]
    head <- paste(one$scenario[1], one$k[1], one$replicate[1], sep = ",")
    series <- sts(observed = one$count[one$week >= first], start = c(2001, 1), frequency = 52)
    for (method in chosen) {
        begun <- proc.time()[3]
        alarm <- suppressWarnings(methods[[method]](series))
        for (name in names(alarm)) {
            hit <- as.integer(!is.na(alarm[[name]]) & alarm[[name]] != 0)
            writeLines(paste(head, name, current + first - 1, hit, sep = ","), out)
        }
        took[method] <- took[method] + proc.time()[3] - begun
    }
    if (i %% 50 == 0 || i == length(all))
        message(sprintf("%d of %d series, %.0f s", i, length(all), proc.time()[3] - since))
}
close(out)
message(paste(sprintf("%s %.3f s a series", chosen, took / length(all)), collapse = "\n"))
